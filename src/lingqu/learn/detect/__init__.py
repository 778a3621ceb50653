"""The task detect: which objects are in a picture, and where. Learners, and how they read rows."""
