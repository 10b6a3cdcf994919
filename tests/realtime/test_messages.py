"""What a member does is heard by those who view the room, and by nobody else."""


def test_a_message_reaches_everybody_who_views_its_room(place):
    ann, bob = place.person("ann"), place.person("bob")
    room = place.room(ann, bob)
    tabs = [ann.open(room), bob.open(room), bob.open(room)]
    answer = ann.post(room, "Good **morning**")
    for tab in tabs:
        frame = tab.expect("message", room=room)
        assert frame["change"] == "posted"
        assert frame["id"] == answer["id"]
        assert frame["seq"] == answer["seq"]
        assert frame["author"] == ann.id
        assert frame["html"] == answer["html"]
        assert "<strong>morning</strong>" in frame["html"]
