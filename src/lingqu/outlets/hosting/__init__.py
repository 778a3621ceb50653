"""The processes of an outlet: looked at before, started, told apart, kept in step."""
