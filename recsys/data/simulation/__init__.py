"""A content marketplace in numpy: people, items, true preferences, a logging policy and responses.

Arrays of one dataclass share their order. Every draw comes from the one generator that is handed in, so the
order of the calls (`draw_people`, `draw_catalogue`, `simulate`) is part of the result.
"""
