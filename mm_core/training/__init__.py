"""Training: datasets -> augment -> objectives -> loop -> stages."""
