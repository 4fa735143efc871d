"""The peer in the middle of a call: HTTP, WebRTC, control and the page."""
