"""From what the SDK and the node say to what screens show: words, rows, parts that sum to 100.

Knows no Kivy, no threads and no clock; whoever asks says what time it is.
"""
