"use strict";
(function () {
  var lang = document.documentElement.lang;
  function written(number, digits) {
    return new Intl.NumberFormat(lang, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(number);
  }
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }

  /* The threshold desk: the slider moves the line and tells what stands there. */
  all(".desk").forEach(function (desk) {
    var data = JSON.parse(desk.dataset.desk);
    var slider = desk.querySelector("input[type=range]"), pace = desk.querySelector("input[type=number]");
    function tell() {
      var at = Number(slider.value), hour = Number(pace.value) > 0 ? Number(pace.value) : 20;
      function between(value, low, high) {
        return value === null ? "\u2013" : written(value, 1) + " (" + desk.dataset.between
          .replace("{low}", written(low, 0)).replace("{high}", written(high, 0)) + ")";
      }
      var told = {
        at: written(data.at[at], 1),
        false: between(data.false[at], data.low[at], data.high[at]),
        decoys: between(data.decoys[at], data.least[at], data.most[at]),
        review: written(data.review[at], 0),
        hours: written(data.review[at] / hour, 0),
        joined: written(data.joined[at], 0),
        moved: (data.moved[at] > 0 ? "+" : "") + written(data.moved[at], 0)
      };
      Object.keys(told).forEach(function (name) {
        desk.querySelector("[data-told=" + name + "]").textContent = told[name].replace("-", "\u2212");
      });
      slider.setAttribute("aria-valuetext", told.at);
      all(".at", desk).forEach(function (line) {
        line.setAttribute("x1", data.x[at]);
        line.setAttribute("x2", data.x[at]);
      });
    }
    slider.addEventListener("input", tell);
    pace.addEventListener("input", tell);
    all("[hidden]", desk).forEach(function (one) { one.hidden = false; });
  });

  /* Tables that can be sorted: by their headers, and by a list where a telephone has no room for headers. */
  all("table.sorted").forEach(function (table) {
    var headers = all("thead th", table), body = table.tBodies[0];
    var first = table.previousElementSibling, choose = first.querySelector("select");
    function value(row, column) {
      var cell = row.cells[column];
      return column ? (cell.dataset.by === "" ? -Infinity : Number(cell.dataset.by)) : cell.textContent;
    }
    function sort(column, down) {
      all("tr", body).map(function (row, at) { return { row: row, by: value(row, column), at: at }; })
        .sort(function (a, b) {
          var order = column ? a.by - b.by : a.by.localeCompare(b.by, lang);
          return (down ? -order : order) || a.at - b.at;
        })
        .forEach(function (one) { body.appendChild(one.row); });
      headers.forEach(function (header, at) {
        if (at === column) header.setAttribute("aria-sort", down ? "descending" : "ascending");
        else header.removeAttribute("aria-sort");
      });
      choose.value = String(column);
    }
    headers.forEach(function (header, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (header.firstChild) button.appendChild(header.firstChild);
      header.appendChild(button);
      button.addEventListener("click", function () {
        var was = header.getAttribute("aria-sort");
        sort(column, was ? was === "ascending" : column > 0);
      });
    });
    choose.addEventListener("change", function () { sort(Number(choose.value), choose.value !== "0"); });
    first.hidden = false;
  });
})();
