"""Server profiles made from a probe's answers, their comparison, and measured servers like them."""
