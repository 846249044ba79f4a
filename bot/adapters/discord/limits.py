"""What Discord accepts in one message, in characters.

https://discord.com/developers/docs/resources/message#embed-object-embed-limits
Discord counts code points; we count UTF-16 units, which are never fewer.
"""

TITLE = 256
DESCRIPTION = 4096
EMBEDS = 10
TOTAL = 6000  # over titles, descriptions, footers of all embeds of a message
ADDRESS = 2048  # of an embed or its image; we hold masked links to it too
ROWS = 5
BUTTONS = 5  # a row
LABEL = 80
BUTTON_ADDRESS = 512
CUSTOM_ID = 100
