/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The states of a TCP connection as a balancer sees it: IPVS's table (reference: its documentation and behaviour, Linux 6),
 * for packets from the client, from the realserver, and from the client alone where the realserver answers past us.
 */
#ifndef EVENKEEL_TCP_H
#define EVENKEEL_TCP_H

#include <linux/types.h>

#include "abi.h"
#include "packet.h"

enum ek_tcp_side {
	EK_FROM_CLIENT = 0,
	EK_FROM_SERVER = 1,
	EK_CLIENT_ALONE = 2,
	EK_TCP_SIDES = 3,
};

enum ek_tcp_event {
	EK_SAW_SYN = 0,
	EK_SAW_FIN = 1,
	EK_SAW_ACK = 2,
	EK_SAW_RST = 3,
	EK_TCP_EVENTS = 4,
};

#define NO EK_TCP_NONE
#define ES EK_TCP_ESTABLISHED
#define SS EK_TCP_SYN_SENT
#define SR EK_TCP_SYN_RECV
#define FW EK_TCP_FIN_WAIT
#define TW EK_TCP_TIME_WAIT
#define CL EK_TCP_CLOSE
#define CW EK_TCP_CLOSE_WAIT
#define LA EK_TCP_LAST_ACK
#define LI EK_TCP_LISTEN
#define SA EK_TCP_SYNACK

static const __u8 ek_tcp_next[EK_TCP_SIDES][EK_TCP_EVENTS][EK_FLOW_STATES] = {
	/*		     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
	[EK_FROM_CLIENT] = {
		[EK_SAW_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[EK_SAW_FIN] = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW },
		[EK_SAW_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[EK_SAW_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR },
	},
	[EK_FROM_SERVER] = {
		[EK_SAW_SYN] = { SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR },
		[EK_SAW_FIN] = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
		[EK_SAW_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
		[EK_SAW_RST] = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
	},
	[EK_CLIENT_ALONE] = {
		[EK_SAW_SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[EK_SAW_FIN] = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
		[EK_SAW_ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[EK_SAW_RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
	},
};

#undef NO
#undef ES
#undef SS
#undef SR
#undef FW
#undef TW
#undef CL
#undef CW
#undef LA
#undef LI
#undef SA

/* The state after this packet; no flag at all closes. */
static __always_inline __u32 ek_tcp_after(__u32 state, __u8 flags, __u32 side)
{
	__u32 event;

	if (flags & EK_TCP_RST)
		event = EK_SAW_RST;
	else if (flags & EK_TCP_SYN)
		event = EK_SAW_SYN;
	else if (flags & EK_TCP_FIN)
		event = EK_SAW_FIN;
	else if (flags & EK_TCP_ACK)
		event = EK_SAW_ACK;
	else
		return EK_TCP_CLOSE;
	if (side >= EK_TCP_SIDES)
		side = EK_CLIENT_ALONE;
	return ek_tcp_next[side][event][state & EK_FLOW_STATE_MASK];
}

#endif
