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
        if not self.env.user.active or not self.env.user._is_internal():
            raise AccessDenied()
        return {"uid": self.env.uid, "auth_method": "messenger", "mfa": "default"}
