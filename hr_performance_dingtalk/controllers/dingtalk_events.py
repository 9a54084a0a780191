import json
import time

from odoo.http import Controller, Response, request, route

from odoo.addons.hr_performance_im.tools.callback import CallbackCrypto, CallbackError

from ..tools import events

#: Bytes of a push at most, and seconds that it may be old.
MAX_BYTES = 256 * 1024
MAX_AGE = 300


class DingtalkEvents(Controller):
    """The address that DingTalk tells events to. One row is stored, and it is answered at once."""

    @route(
        "/performance/dingtalk/<key>/events",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def receive(self, key, **query):
        """Check a push, store it, and answer "success" in DingTalk's own seal."""
        connection = request.env["hr.performance.im.connection"]._find_by_key(key, "dingtalk")
        crypto = self._get_crypto(connection)
        if crypto is None:
            return Response(status=404)
        try:
            text = self._open(crypto, query)
        except CallbackError as error:
            return Response(error.code, status=403)
        except (ValueError, TypeError):
            return Response("malformed", status=400)
        try:
            event = events.parse_body(text)
        except events.EventError:
            return Response("no event", status=400)
        if event.type != events.CHECK_URL:
            if event.corp_id and event.corp_id != connection.dingtalk_corp_id:
                return Response("wrong company", status=403)
            # sudo: the sender has no user; the seal says that it is DingTalk
            request.env["hr.performance.im.event"].sudo()._receive(
                connection, event.id, event.type, event.payload
            )
        return request.make_json_response(crypto.seal("success", now=time.time()))

    def _get_crypto(self, connection):
        if not connection:
            return None
        token = connection._get_secret("dingtalk_event_token")
        key = connection._get_secret("dingtalk_event_key")
        if not (token and key and connection.dingtalk_client_id):
            return None
        try:
            return CallbackCrypto(token, key, connection.dingtalk_client_id)
        except ValueError:
            return None

    def _open(self, crypto, query):
        """The text of the push.

        :raises CallbackError: forged, old, or for somebody else
        :raises ValueError: not a push at all
        """
        if (request.httprequest.content_length or 0) > MAX_BYTES:
            raise ValueError("too large")
        body = json.loads(request.httprequest.get_data())
        if not isinstance(body, dict):
            raise ValueError("no object")
        return crypto.open(
            query.get("msg_signature") or query.get("signature"),
            query.get("timestamp", ""),
            query.get("nonce", ""),
            body.get("encrypt"),
            now=time.time(),
            max_age=MAX_AGE,
        )
