"""Studies beside the product: the fusion lab and smaller models. Nothing in the product imports from here."""
