"""What Discord accepts in one message, in characters.

https://discord.com/developers/docs/resources/message#embed-object-embed-limits
Discord counts code points; we count UTF-16 units, which are never fewer.
"""

CONTENT = 2000
TITLE = 256
DESCRIPTION = 4096
FIELDS = 25  # of an embed
FIELD_NAME = 256
FIELD = 1024
FOOTER = 2048
AUTHOR = 256
EMBEDS = 10
TOTAL = 6000  # over titles, descriptions, footers of all embeds of a message
ADDRESS = 2048  # of an embed or its image; we hold masked links to it too
ROWS = 5
BUTTONS = 5  # a row
LABEL = 80
BUTTON_ADDRESS = 512
CUSTOM_ID = 100
OPTIONS = 25  # of a select menu
OPTION = 100  # the label, value or description of one
PLACEHOLDER = 150  # of a select menu
CHOICES = 25  # that autocomplete offers
COMPONENTS = 40  # of a message of components, nested ones too
TEXTS = 4000  # over all texts of a message of components
GALLERY = 10
THREAD_NAME = 100
TAGS = 20  # of a forum
TAG_NAME = 20
APPLIED = 5  # tags of one post
NONCE = 25
PARTS = 1 << 15  # the flag of messages that are made of components alone
