"""`mailbot init`: the questions, their answers from wherever they come, and the two files that are made of them"""
