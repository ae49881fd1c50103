"""The language server: what `lrdsl.analysis` says, in the words of the protocol."""

from __future__ import annotations
