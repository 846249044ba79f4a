"""What Telegram allows in a message (https://core.telegram.org/bots/api#sendmessage, /api/entities)."""

TEXT = 4096  # UTF-16 units, after the markup is taken out
ENTITIES = 100  # the rest is dropped in silence; those that Telegram finds by itself count
ENTITY_BYTES = 9500  # of all entities as they go over the wire; the server refuses at about 10,000
ENTITY = 24  # bytes: constructor, flags, offset, length, the address's own length, with room to spare
CALLBACK = 64  # bytes of a button's data
ROW = 8  # buttons beside each other
KEYS = 100  # buttons in all
ADDRESS = 2048  # characters of a link; longer ones are dropped by one client or another
HASHTAG = 64  # characters; a longer one is of no use to a reader
RICH_TEXT = 32_768  # characters of a rich message (https://core.telegram.org/bots/api#inputrichmessage)
RICH_BLOCKS = 500  # paragraphs, headings, lists, their items, pictures, ...
RICH_MEDIA = 50  # pictures
HEADING = 1024  # UTF-16 units: our own choice, a quarter of a message
