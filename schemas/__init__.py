"""The forms of the app's messages: JSON Schemas, and the OpenAPI definitions that are made of them."""
