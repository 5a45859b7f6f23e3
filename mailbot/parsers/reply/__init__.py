"""What of a reply is its writer's: new text, quotations, signatures, our marker line, another topic.
Pure.
"""
