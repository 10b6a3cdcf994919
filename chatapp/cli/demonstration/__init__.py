"""What `flask seed` fills an empty workspace with: people, rooms and two weeks of their talk."""
