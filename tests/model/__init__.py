"""The product against a plain model of it, step by step, in orders that nobody thought of."""
