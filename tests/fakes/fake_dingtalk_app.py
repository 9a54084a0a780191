"""The application of the fake, known to whoever connects to it; imports nothing."""

from dataclasses import dataclass


@dataclass
class App:
    """The application that the administrator created."""

    client_id: str = "dingfakeclientid0001"
    client_secret: str = "fake-client-secret-DO-NOT-SHOW"
    agent_id: int = 2600001
    corp_id: str = "dingfakecorp0001"
    robot_code: str = "dingfakeclientid0001"
    callback_url: str = ""
    callback_token: str = "fake-callback-token"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    scope_departments: tuple = (1,)
    webhook_token: str = "fake-webhook-token-DO-NOT-SHOW"
    webhook_secret: str = ""
