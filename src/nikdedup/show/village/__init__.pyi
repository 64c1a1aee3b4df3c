from .areas import read_areas as read_areas
from .coverage_book import write_coverage_book as write_coverage_book
from .coverage_charts import behind_svg as behind_svg
from .coverage_charts import map_svg as map_svg
from .coverage_tables import coverage_text as coverage_text
