var e = {
	FD_READ: 1,
	FD_WRITE: 2,
	FD_ACCEPT: 8,
	FD_CONNECT: 16,
	FD_CLOSE: 32
}, t = {
	NO_ERROR: [0, "success; a graceful FD_CLOSE; a successful FD_CONNECT"],
	WSA_OPERATION_ABORTED: [995, "the operation was cancelled because the socket was closed"],
	WSAEINTR: [10004, "a blocking call was cancelled"],
	WSAEBADF: [10009, "the file handle is not valid"],
	WSAEACCES: [10013, "not permitted; or the offered request timed out or was withdrawn"],
	WSAEFAULT: [10014, "an argument is malformed or too large, or a buffer is too small"],
	WSAEINVAL: [10022, "an argument or the state of the socket does not allow the call"],
	WSAEMFILE: [10024, "no socket descriptors are left"],
	WSAEWOULDBLOCK: [10035, "nothing to accept or receive, or no room to send, right now"],
	WSAEINPROGRESS: [10036, "a call of the same kind is being carried out"],
	WSAEALREADY: [10037, "a join is already pending on this socket"],
	WSAENOTSOCK: [10038, "the socket is closed"],
	WSAEDESTADDRREQ: [10039, "a destination is required"],
	WSAEMSGSIZE: [10040, "the message is larger than the limit or than the buffer"],
	WSAEPROTOTYPE: [10041, "the protocol is wrong for the socket type"],
	WSAENOPROTOOPT: [10042, "the option is not supported"],
	WSAEPROTONOSUPPORT: [10043, "the protocol does not support this"],
	WSAESOCKTNOSUPPORT: [10044, "the socket type is not supported"],
	WSAEOPNOTSUPP: [10045, "the operation is not supported on this socket, or not in its role"],
	WSAEPFNOSUPPORT: [10046, "the protocol family is not supported"],
	WSAEAFNOSUPPORT: [10047, "the name belongs to another address family"],
	WSAEADDRINUSE: [10048, "the session address is taken"],
	WSAEADDRNOTAVAIL: [10049, "the name is not a valid address here"],
	WSAENETDOWN: [10050, "the network is down: the signaling server is not reachable any more"],
	WSAENETUNREACH: [10051, "the network or the session cannot be reached now; the join may be tried again"],
	WSAENETRESET: [10052, "keep-alive found the connection dead"],
	WSAECONNABORTED: [10053, "the connection ended through a timeout, a protocol error or another failure"],
	WSAECONNRESET: [10054, "the connection was ended hard by the other side"],
	WSAENOBUFS: [10055, "no buffer space, or a queue is full"],
	WSAEISCONN: [10056, "the socket is, or has been, a member of a session"],
	WSAENOTCONN: [10057, "the socket is not a member of a session"],
	WSAESHUTDOWN: [10058, "this direction of the socket has been shut down"],
	WSAETIMEDOUT: [10060, "no answer came in time"],
	WSAECONNREFUSED: [10061, "the join was refused: by the root, by a full queue, or because nobody listens"],
	WSAEHOSTDOWN: [10064, "the destination host is down"],
	WSAEHOSTUNREACH: [10065, "there is no route to the host"],
	WSASYSNOTREADY: [10091, "the network subsystem is not available"],
	WSAVERNOTSUPPORTED: [10092, "this version of the protocol is not supported"],
	WSANOTINITIALISED: [10093, "wsaStartup has not been called, or wsaCleanup has"],
	WSAEDISCON: [10101, "the other side closed gracefully and everything has been received"],
	WSAEINVALIDPROCTABLE: [10104, "the provider table is not valid"],
	WSAEINVALIDPROVIDER: [10105, "the provider is not valid"],
	WSAEPROVIDERFAILEDINIT: [10106, "the provider could not be started"],
	WSASYSCALLFAILURE: [10107, "a call that should not fail has failed"],
	WSATRY_AGAIN: [11002, "the condition function deferred its decision"]
};
Object.keys(t).filter(n);
function n(e) {
	return Object.hasOwn(t, e);
}
function r(e) {
	return t[e][0];
}
function i(e) {
	return t[e][1];
}
var a = class extends Error {
	name;
	code;
	call;
	constructor(e, t, n) {
		super(`${t}: ${e} (${r(e)}): ${n ?? i(e)}`), this.name = e, this.code = r(e), this.call = t;
	}
}, o = 16384, s = 16350, c = 65536, l = ["slow", "unreachable"], u = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
Array.from({ length: 128 }, (e, t) => Math.max(0, u.indexOf(String.fromCharCode(t)))), [...l], s - 7;
var d = {
	fragment: 1,
	end: 2,
	ack: 3,
	ping: 4,
	pong: 5,
	batch: 6,
	hello: 7,
	void: 9
}, { end: f, ack: p, ping: m, pong: h, hello: g } = d;
d.void, d.fragment, d.batch, e.FD_READ | e.FD_WRITE | e.FD_ACCEPT;
// client/src/mesh/link-contract.ts
var _ = 3e4, v = 50, y = 512, b = class {
	log = [];
	frames = [];
	link;
	rooms = 0;
	#e;
	#t = [];
	#n = 0;
	constructor(e, t) {
		this.link = this.within(() => e.open({
			initiator: t,
			onSignal: (e) => this.#i("signal", () => this.#r(e)),
			onOpen: () => this.#i("open", () => void 0),
			onFrame: (e) => this.#i("frame", () => this.frames.push(e)),
			onRoom: () => this.#i("room", () => this.rooms += 1),
			onClosed: (e) => this.#i(e === "" ? "closed without saying why" : "closed", () => void 0)
		}));
	}
	within(e) {
		this.#n += 1;
		let t = e();
		return --this.#n, t;
	}
	connectTo(e) {
		this.#e = e;
		for (let e of this.#t.splice(0)) this.#r(e);
	}
	write(e) {
		this.within(() => this.link.write(e));
	}
	count(e) {
		return this.log.filter((t) => t === e).length;
	}
	#r(e) {
		let t = this.#e;
		t === void 0 ? this.#t.push(e) : t.within(() => t.link.signal(e));
	}
	#i(e, t) {
		this.log.push(this.#n > 0 ? `${e} from within a call` : e), t();
	}
}, x = [
	{
		title: "[D13] both ends open once, and frames of every size arrive whole, in order, as they were",
		run: (e) => C(e, async (e, t) => {
			let n = [
				1,
				2,
				5,
				1e3,
				o - 1,
				o,
				3
			];
			for (let [r, i] of n.entries()) e.write(A(i, r)), t.write(A(i, r + 100));
			await E("all frames", () => e.frames.length === n.length && t.frames.length === n.length);
			for (let [r, i] of n.entries()) k(j(t.frames[r], A(i, r)), `frame ${r} from the initiator was changed`), k(j(e.frames[r], A(i, r + 100)), `frame ${r} to the initiator was changed`);
		})
	},
	{
		title: "[D13] two thousand small frames arrive one by one, in order",
		run: (e) => C(e, async (e, t) => {
			for (let t = 0; t < 2e3; t++) e.write(Uint8Array.of(t >> 8, t & 255));
			await E("all frames", () => t.frames.length === 2e3), k(t.frames.map(([e = 0, t = 0]) => e << 8 | t).every((e, t) => e === t), "the frames are out of order");
		})
	},
	{
		title: "[D13] what a frame says is settled when it is written: the writer may use its buffer again",
		run: (e) => C(e, async (e, t) => {
			let n = Uint8Array.of(1, 2, 3, 4);
			e.write(n.subarray(1, 3)), n.fill(9), await E("the frame", () => t.frames.length === 1), k(j(t.frames[0], Uint8Array.of(2, 3)), "the frame was changed after it was written");
		})
	},
	{
		title: "[D25] an end that opens first may write at once: no frame arrives before the other end is open",
		run: async (e) => {
			let [t, n] = w(e), r = !1;
			await E("both ends to open", () => (!r && t.log.includes("open") && (r = !0, t.write(Uint8Array.of(1))), n.frames.length === 1)), k(n.log.indexOf("open") < n.log.indexOf("frame"), "a frame arrived before the link was open"), T(t, n);
		}
	},
	{
		title: "[D16] bufferedAmount counts what was written, and room is told when half of the buffer is free again",
		run: (e) => C(e, async (e, t) => {
			let n = A(o, 0), r = 0;
			for (; e.link.bufferedAmount <= 32768 && r < y; r++) e.write(n);
			k(e.link.bufferedAmount > c / 2, `only ${e.link.bufferedAmount} bytes are buffered`), await E("room", () => e.rooms > 0), k(e.link.bufferedAmount <= c / 2, `${e.link.bufferedAmount} bytes are buffered, and room was told`), await E("all frames", () => t.frames.length === r && e.link.bufferedAmount === 0);
		})
	},
	{
		title: "[D27] close is silent on its own end, may be repeated, and is heard once on the other",
		run: (e) => C(e, async (e, t) => {
			e.within(() => e.link.close()), e.within(() => e.link.close()), e.write(Uint8Array.of(1)), e.within(() => e.link.signal("{}")), await E("the other end to close", () => t.log.includes("closed")), t.within(() => t.link.close()), await D(), k(!e.log.includes("closed"), "the own close was told"), k(e.link.bufferedAmount === 0, "a closed link has something buffered");
		})
	},
	{
		title: "[D27] what was written before close still arrives",
		run: (e) => C(e, async (e, t) => {
			let n = c / o;
			for (let t = 0; t < n; t++) e.write(A(o, t));
			e.within(() => e.link.close()), await E("the other end to close", () => t.log.includes("closed")), k(t.frames.length === n, `${t.frames.length} frames of ${n} arrived`);
		})
	},
	{
		title: "[D24] a link that is closed before it opens calls nothing back",
		run: async (e) => {
			let [t, n] = [new b(e, !0), new b(e, !1)];
			t.within(() => t.link.close()), n.within(() => n.link.close()), await D(), k(t.log.length === 0 && n.log.length === 0, "a closed link called back");
		}
	},
	{
		title: "[D25] signals that come the moment a link is made are not lost",
		run: async (e) => {
			let t = new b(e, !0);
			await E("the first signal", () => t.count("signal") > 0);
			let n = new b(e, !1);
			t.connectTo(n), n.connectTo(t), await E("both ends to open", () => t.log.includes("open") && n.log.includes("open")), T(t, n);
		}
	},
	...[
		"not JSON",
		"",
		"null",
		"7",
		"[]",
		"{}",
		"{\"type\":\"offer\"}",
		"{\"type\":\"offer\",\"sdp\":5}",
		"{\"type\":\"offer\",\"sdp\":\"no description\"}",
		"{\"type\":\"answer\",\"sdp\":\"not what an answerer waits for\"}",
		"{\"type\":\"candidate\",\"candidate\":{\"candidate\":5}}",
		"{\"type\":\"candidate\",\"candidate\":{\"candidate\":\"without a place\"}}",
		"{\"renegotiate\":true}",
		"{\"type\":\"transceiverRequest\",\"transceiverRequest\":{\"kind\":\"audio\"}}",
		`{"type":"offer","sdp":"${"x".repeat(2e4)}"}`
	].map((e) => ({
		title: `[D24] a bad signal closes the link, once, and throws nothing: ${e.slice(0, 60)}`,
		run: async (t) => {
			let n = new b(t, !1);
			n.within(() => n.link.signal(e)), await E("the link to close", () => n.log.includes("closed")), n.within(() => n.link.signal(e)), await D(), k(n.log.length === 1, `it told ${n.log.join(", ")}`), T(n);
		}
	}))
];
async function S(e) {
	let t = [];
	for (let { title: n, run: r } of x) {
		let i = await r(e).then(() => null, (e) => e instanceof Error ? e.message : String(e));
		t.push({
			title: n,
			error: i
		});
	}
	return t;
}
async function C(e, t) {
	let [n, r] = w(e);
	await E("both ends to open", () => n.log.includes("open") && r.log.includes("open")), await t(n, r), T(n, r);
}
function w(e) {
	let [t, n] = [new b(e, !0), new b(e, !1)];
	return t.connectTo(n), n.connectTo(t), [t, n];
}
function T(...e) {
	for (let t of e) {
		t.link.close();
		let e = t.log.find((e) => e.endsWith("from within a call"));
		k(e === void 0, `called back: ${e}`), k(t.count("open") <= 1, "a link opened twice"), k(t.count("closed") <= 1, "a link closed twice"), k(!t.log.includes("closed") || t.log.at(-1) === "closed", "a closed link called back");
	}
}
async function E(e, t) {
	let n = performance.now() + _;
	for (; !t();) k(performance.now() < n, `waited for ${e} in vain`), await O(1);
}
var D = () => O(v), O = (e) => new Promise((t) => setTimeout(t, e));
function k(e, t) {
	if (!e) throw Error(t);
}
function A(e, t) {
	return Uint8Array.from({ length: e }, (e, n) => n * 31 + t * 17 & 255);
}
function j(e, t) {
	return e !== void 0 && e.length === t.length && e.every((e, n) => e === t[n]);
}
// client/src/mesh/link-signal.ts
function M(e, t) {
	if (e.length > 16384) return null;
	let n = P(e);
	if (!F(n)) return null;
	let { type: r, sdp: i } = n;
	return r === "candidate" ? N(n.candidate) : r !== (t ? "answer" : "offer") || typeof i != "string" ? null : {
		type: t ? "answer" : "offer",
		sdp: i
	};
}
function N(e) {
	if (!F(e)) return null;
	let { candidate: t, sdpMLineIndex: n = null, sdpMid: r = null } = e;
	return typeof t != "string" || n !== null && typeof n != "number" || r !== null && typeof r != "string" || n === null && r === null ? null : {
		type: "candidate",
		candidate: {
			candidate: t,
			sdpMLineIndex: n,
			sdpMid: r
		}
	};
}
function P(e) {
	try {
		return JSON.parse(e);
	} catch {
		return null;
	}
}
function F(e) {
	return typeof e == "object" && !!e;
}
// client/src/mesh/webrtc.ts
function I(e, t) {
	if (e === void 0) {
		if (typeof globalThis.RTCPeerConnection == "function") return;
		throw new a("WSASYSNOTREADY", t, "there is no WebRTC here: give one as the option wrtc");
	}
	if (L(e)) return e;
	throw new a("WSAEFAULT", t, "wrtc must have RTCPeerConnection, RTCSessionDescription and RTCIceCandidate");
}
function L(e) {
	if (typeof e != "object" || !e) return !1;
	let { RTCPeerConnection: t, RTCSessionDescription: n, RTCIceCandidate: r } = e;
	return [
		t,
		n,
		r
	].every((e) => typeof e == "function");
}
function R() {
	return {
		RTCPeerConnection,
		RTCSessionDescription,
		RTCIceCandidate
	};
}
function z(e, t) {
	class n extends e.RTCPeerConnection {
		createDataChannel(e, n) {
			let r = super.createDataChannel(String(e), n);
			return t(r), r;
		}
		createOffer(e) {
			return super.createOffer(typeof e == "object" ? e : void 0).then(B);
		}
		createAnswer(e) {
			return super.createAnswer(typeof e == "object" ? e : void 0).then(B);
		}
	}
	return {
		...e,
		RTCPeerConnection: n
	};
}
function B({ type: e, sdp: t = "" }) {
	return {
		type: e,
		sdp: t
	};
}
// client/src/mesh/simple-peer-link.ts
var V = 1e3, H = 10, U = 300;
function W(e) {
	return { open: (t) => new K(e, t) };
}
var G = () => import("simple-peer/simplepeer.min.js"), K = class {
	static #e = !1;
	static wakeWebRtc() {
		this.#e || typeof RTCPeerConnection != "function" || (this.#e = !0, new RTCPeerConnection().close());
	}
	#t;
	#n;
	#r = {
		kind: "loading",
		signals: []
	};
	constructor(e, t) {
		this.#t = e, this.#n = t, G().then(({ default: e }) => this.#i(e)).catch((e) => this.#l(`WebRTC did not start: ${Y(e)}`));
	}
	get bufferedAmount() {
		return this.#r.kind === "open" ? this.#r.peer.bufferSize : 0;
	}
	signal(e) {
		if (this.#r.kind === "closed") return;
		let t = M(e, this.#n.initiator);
		t === null ? this.#c("the other side sent something that is no signal") : this.#r.kind === "loading" ? this.#r = {
			kind: "loading",
			signals: [...this.#r.signals, t]
		} : this.#s(this.#r.peer, t);
	}
	write(e) {
		if (this.#r.kind === "open") try {
			this.#r.peer.send(e);
		} catch (e) {
			this.#c(`the channel takes no more: ${Y(e)}`);
		}
	}
	close() {
		let e = this.#r;
		this.#r = { kind: "closed" }, e.kind === "connecting" && e.peer.destroy(), e.kind === "open" && q(e.peer, this.#t.wrtc === void 0 ? 0 : U);
	}
	#i(e) {
		if (this.#r.kind !== "loading") return;
		let { signals: t } = this.#r, n = new e({
			initiator: this.#n.initiator,
			trickle: !0,
			config: { iceServers: [...this.#t.iceServers] },
			channelConfig: {
				negotiated: !0,
				id: 0,
				ordered: !0
			},
			objectMode: !0,
			wrtc: z(this.#t.wrtc ?? R(), (e) => this.#o(e))
		});
		this.#r = {
			kind: "connecting",
			peer: n
		}, n.on("signal", (e) => {
			this.#r.kind !== "closed" && this.#n.onSignal(JSON.stringify(e));
		}), n.on("error", (e) => this.#l(e.message)), n.on("close", () => this.#l("the link was closed"));
		for (let e of t) this.#s(n, e);
	}
	#a(e) {
		this.#r = {
			kind: "open",
			peer: e
		}, this.#n.onOpen(), e.on("data", (e) => {
			this.#r.kind === "open" && this.#n.onFrame(J(e));
		});
	}
	#o(e) {
		e.addEventListener("open", () => {
			e.bufferedAmountLowThreshold = c / 2, this.#r.kind === "connecting" && this.#a(this.#r.peer);
		}), e.addEventListener("bufferedamountlow", () => {
			this.#r.kind === "open" && this.#n.onRoom();
		});
	}
	#s(e, t) {
		try {
			e.signal(JSON.stringify(t));
		} catch (e) {
			this.#c(`a signal could not be taken: ${Y(e)}`);
		}
	}
	#c(e) {
		queueMicrotask(() => this.#l(e));
	}
	#l(e) {
		if (this.#r.kind === "closed") return;
		let t = this.#r;
		this.#r = { kind: "closed" }, t.kind !== "loading" && t.peer.destroy(), this.#n.onClosed(e);
	}
};
function q(e, t, n = V) {
	n <= 0 || t <= 0 && e.bufferSize === 0 ? e.destroy() : setTimeout(() => q(e, t - H, n - H), H);
}
function J(e) {
	return e instanceof Uint8Array ? new Uint8Array(e.buffer, e.byteOffset, e.length) : /* @__PURE__ */ new Uint8Array();
}
function Y(e) {
	return e instanceof Error ? e.message : String(e);
}
// client/src/mesh/link-contract.node.ts
function X(e) {
	let t = I(e, "contractOver");
	return S(W({
		iceServers: [],
		...t !== void 0 && { wrtc: t }
	}));
}
export { X as contractOver };
