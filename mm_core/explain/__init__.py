"""Explanations: contributions of modalities, attention, relevance of units, and the tests of each.

Modules whose results are kept as data (``contributions``, ``units``, ``records``) need numpy alone; the others run
the model and load torch.
"""
