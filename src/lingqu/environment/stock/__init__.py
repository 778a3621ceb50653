"""What keeping stock needs: sales by week, the rule (s, S), and a process fitted to them."""
