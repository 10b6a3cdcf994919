"""The forms of the conversation. The verbs check what they are given; forms only carry it."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from chatapp.domain.errors import Invalid
from chatapp.domain.rooms import MAX_TOPIC
from chatapp.text.names import SHOWN_NAME_LENGTHS


class RoomDetailsForm(FlaskForm):
    """A room's name and topic."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Give the room a name.")), Length(max=SHOWN_NAME_LENGTHS[-1])],
    )
    topic = StringField(_("Topic"), [Length(max=MAX_TOPIC)])


class RoomForm(RoomDetailsForm):
    """A new room."""

    kind = RadioField(
        _("Who can join"),
        choices=[SelectChoice("open"), SelectChoice("closed")],
        default="open",
    )

    def __init__(self) -> None:
        super().__init__()
        # Here, because a choice's words are no lazy ones.
        self.kind.choices = [
            SelectChoice("open", gettext("Everybody in the workspace")),
            SelectChoice("closed", gettext("Only people whom a member adds: nobody else sees it")),
        ]


class MemberForm(FlaskForm):
    """The person to add to a room."""

    user_name = StringField(_("User name"), [InputRequired(_("Whom do you want to add?"))])


class MessageForm(FlaskForm):
    """Another text for a message."""

    body = TextAreaField(_("Message"), [InputRequired(_("Write something first."))])
    # The version of the text that was changed into this one.
    made_from = HiddenField()


def show_problems(form: Form, error: Invalid) -> None:
    """Put what a verb said about its values beside the fields they came from."""
    for name, problem in error.fields.items():
        if name in form._fields:
            form._fields[name].errors = [problem]
        else:
            form.form_errors.append(problem)
