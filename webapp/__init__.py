"""The Gradio page: inputs, answer, explanation. No model code and no plotting code lives here."""
