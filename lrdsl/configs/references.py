"""The words by which a config refers to the other files that it is made of."""

from __future__ import annotations

# Of Hydra's configs, of detectron2's, and of mmengine's and mmcv's.
KEYS = HYDRA, FVCORE, MMENGINE = "defaults", "_BASE_", "_base_"
# What says in a config of Hydra's that its values belong elsewhere.
_HEADER = "@package"


def refers(text: str) -> bool:
    """True if a config may be made of several files, or change others, as far as a glance tells.

    Args:
        text: the file.
    """
    return any(word in text for word in (*KEYS, _HEADER))
