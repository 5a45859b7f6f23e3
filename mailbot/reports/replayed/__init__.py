"""what an archive would have come to: each mail's fate counted (pure), and the words and charts of table and page"""
