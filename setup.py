"""Build the matcher's innermost loops; where there is no compiler, nikdedup runs without them."""

import platform
import sys
import sysconfig

from Cython.Build import cythonize
from setuptools import Extension, setup

if sys.platform == "win32":
    flags = ["/O2", "/fp:precise"]
else:
    # No fused multiply-add: the sums must come out as numpy's do.
    flags = ["-O3", "-ffp-contract=off"]
    if platform.machine() in ("x86_64", "AMD64"):
        flags.append("-march=x86-64-v2")  # what numpy's own wheels ask for; has popcnt

# One build for Python 3.11 and every later one, where Python has a stable interface: with it the loops are as fast, and
# their results the same. Interpreters without a global lock have none yet.
stable = sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")

SOURCES = (
    "nikdedup/columnar/grouping_cy.pyx",
    "nikdedup/match/kernels/pairs_cy.pyx",
    "nikdedup/match/kernels/names_cy.pyx",
    "nikdedup/residents/keys_cy.pyx",
    "nikdedup/residents/damage/excel_cut_cy.pyx",
)
modules = [
    Extension(
        path.removesuffix(".pyx").replace("/", "."),
        [f"src/{path}"],
        language="c++",
        extra_compile_args=flags,
        define_macros=[("Py_LIMITED_API", "0x030B0000")] if stable else [],
        py_limited_api=stable,
    )
    for path in SOURCES
]
compiled = cythonize(modules, build_dir="build")
for module in compiled:
    module.optional = True
setup(ext_modules=compiled, options={"bdist_wheel": {"py_limited_api": "cp311"}} if stable else {})
