"""Other libraries as guests: each file speaks the language of one of them."""
