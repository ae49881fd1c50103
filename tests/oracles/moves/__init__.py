"""Settings of other systems, drawn from their documented fields, and their curves, stored.

Nothing here imports an importer, or lrdsl. ``SYSTEM.py`` has the settings and asks the package;
``SYSTEM.json`` has what it answered. ``make oracles`` asks again.
"""
