"""The forms of what the app takes and says: JSON Schemas, and the OpenAPI definitions that are made of them."""
