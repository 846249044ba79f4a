"""What is kept: posts and papers, chats, and what each chat is owed; SQLite or PostgreSQL."""
