"""Build the matcher's innermost loops; where there is no compiler, nikdedup runs without them."""

import platform
import sys

from Cython.Build import cythonize
from setuptools import Extension, setup

if sys.platform == "win32":
    flags = ["/O2", "/fp:precise"]
else:
    # No fused multiply-add: the sums must come out as numpy's do.
    flags = ["-O3", "-ffp-contract=off"]
    if platform.machine() in ("x86_64", "AMD64"):
        flags.append("-march=x86-64-v2")  # what numpy's own wheels ask for; has popcnt

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
    )
    for path in SOURCES
]
compiled = cythonize(modules, build_dir="build")
for module in compiled:
    module.optional = True
setup(ext_modules=compiled)
