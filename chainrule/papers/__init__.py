"""Exam papers: a paper is a Markdown file; it is read, solved, and printed."""
