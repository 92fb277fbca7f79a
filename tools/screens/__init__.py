"""What tools/draw_screens.py draws with: the page, and a function for each kind of picture."""
