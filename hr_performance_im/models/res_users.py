from odoo import models
from odoo.exceptions import AccessDenied

from ..tools.sign_in import Proof

KIND = "performance_im"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _check_credentials(self, credential, env):
        """Accept the word of a messenger, given inside this process; never anything sent to it."""
        if credential.get("type") != KIND:
            return super()._check_credentials(credential, env)
        proof = credential.get("proof")
        if not isinstance(proof, Proof) or proof.user_id != self.env.uid:
            raise AccessDenied()
        user = self.env.user
        if not user.active or not user._is_internal():
            raise AccessDenied()
        # HR says which person belongs to which employee, and must not become by it who gives
        # rights: they enter with their password.
        if user.has_group("base.group_erp_manager"):
            raise AccessDenied()
        return {"uid": self.env.uid, "auth_method": "messenger", "mfa": "default"}
