"""The grading side: takes submissions in, runs them, writes what came out."""

import sys

# jsonschema, which nbformat imports, would build a grammar of web addresses for a second;
# no notebook is checked by it.
sys.modules.setdefault("rfc3987_syntax", None)
