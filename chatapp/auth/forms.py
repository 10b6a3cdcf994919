"""What people fill in. What may be in a field is decided in `domain`; `show` tells it here."""

from typing import cast

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from chatapp.domain.accounts import NewAccount
from chatapp.domain.errors import Invalid
from chatapp.domain.passwords import MAX_BYTES
from chatapp.language import LANGUAGES


def _(text: str) -> str:
    """The text in the language of the request that shows it; WTForms takes it as a string."""
    return cast("str", lazy_gettext(text))


REQUIRED = InputRequired(_("Fill this in."))
# Only so that nobody has us look at a megabyte; the rules for names and passwords are stricter.
SHORT = Length(max=MAX_BYTES, message=_("This is too long."))


class AccountForm(FlaskForm):
    """The fields that make an account, in each form that makes one."""

    user_name = StringField(_("User name"), [REQUIRED, SHORT])
    display_name = StringField(_("Display name"), [REQUIRED, SHORT])
    password = PasswordField(_("Password"), [REQUIRED])

    def account(self) -> NewAccount:
        """What was filled in, for the verb that makes the account."""
        email = self.data.get("email") or ""
        return NewAccount(
            self.user_name.data or "",
            self.display_name.data or "",
            self.password.data or "",
            email,
        )


class FirstRunForm(AccountForm):
    workspace_name = StringField(_("Name of the workspace"), [REQUIRED, SHORT])
    room_name = StringField(_("First room"), [REQUIRED, SHORT])


class RegistrationForm(AccountForm):
    email = EmailField(_("E-mail"), [SHORT])


class SignInForm(FlaskForm):
    user_name = StringField(_("User name"), [REQUIRED, SHORT])
    password = PasswordField(_("Password"), [REQUIRED])
    kept = BooleanField(_("Keep me signed in"))


class ProfileForm(FlaskForm):
    display_name = StringField(_("Display name"), [REQUIRED, SHORT])
    locale = SelectField(
        _("Language"),
        choices=[SelectChoice("", _("As the browser asks"))]
        + [SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )


class PasswordForm(FlaskForm):
    current_password = PasswordField(_("Current password"), [REQUIRED])
    password = PasswordField(_("New password"), [REQUIRED])


class WorkspaceForm(FlaskForm):
    name = StringField(_("Name of the workspace"), [REQUIRED, SHORT])
    registration = RadioField(
        _("Who may register"),
        choices=[
            SelectChoice("open", _("Everybody who finds this address")),
            SelectChoice("invite", _("People with the invite link")),
            SelectChoice("closed", _("Nobody")),
        ],
    )


def show(form: FlaskForm, error: Invalid) -> None:
    """Put what a verb found wrong beside the fields it is about."""
    for name, text in error.fields.items():
        form[name].errors = [text]
