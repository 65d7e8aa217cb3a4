"""What differs between two versions of a table: said in the room of rules, handed on here."""

from creditfactory.rules import CellChange, RowChange, compare_tables, show_answer, texts_of

__all__ = ["CellChange", "RowChange", "compare_tables", "show_answer", "texts_of"]
