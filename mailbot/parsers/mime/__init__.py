"""A mail's bytes → its headers, text and files (RFC 5322, RFC 2045 to 2049), and its subject's tag.
Pure; bounded in time and memory, because strangers write what is read here.
"""
