package dev.hone.trainer.distributed;

import dev.hone.datasets.UserError;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * How the processes of a training find each other: rank 0 listens, the others connect and say which training they belong
 * to.
 */
final class Rendezvous {

    private static final String PROTOCOL = "hone-training-2";
    private static final int POLL_MILLIS = 200;
    private static final int HANDSHAKE_MILLIS = 10_000;

    private Rendezvous() {}

    /**
     * Listens where others will look for rank 0: on this machine only where that is a loopback address.
     *
     * @param port 0 takes any
     * @throws UserError where it cannot be had
     */
    static ServerSocket listen(String address, int port) {
        try {
            InetAddress resolved = InetAddress.getByName(address);
            ServerSocket socket = new ServerSocket();
            // Else a run that was just ended would hold its port for a minute.
            socket.setReuseAddress(true);
            socket.bind(
                    resolved.isLoopbackAddress() ? new InetSocketAddress(resolved, port) : new InetSocketAddress(port));
            return socket;
        } catch (IOException e) {
            throw new UserError(
                    "Rank 0 cannot listen at " + address + ":" + port + " (" + e.getMessage()
                            + "); set MASTER_ADDR and MASTER_PORT to a free port of rank 0's machine",
                    e);
        }
    }

    /**
     * Waits at rank 0 for the others.
     *
     * @param check called again and again meanwhile; what it throws ends the wait
     * @return a connection to each, from rank 1 on
     * @throws ProcessLost where not all have come in time
     */
    static List<Link> await(ServerSocket socket, Membership self, Duration patience, Runnable check) {
        TreeMap<Integer, Link> links = new TreeMap<>();
        String refused = "";
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            socket.setSoTimeout(POLL_MILLIS);
            while (links.size() < self.worldSize() - 1) {
                check.run();
                if (System.nanoTime() > deadline) {
                    throw new ProcessLost("Only " + (links.size() + 1) + " of " + self.worldSize()
                            + " processes came within " + patience.toSeconds() + " s" + refused
                            + "; start all of them with the same WORLD_SIZE, MASTER_ADDR and MASTER_PORT");
                }
                try {
                    refused = admit(socket.accept(), self, links, refused);
                } catch (SocketTimeoutException nobodyCame) {
                    continue;
                }
            }
            return new ArrayList<>(links.values());
        } catch (IOException e) {
            links.values().forEach(Link::close);
            throw new ProcessLost("Rank 0 cannot wait for the others (" + e.getMessage() + ")", e);
        } catch (RuntimeException e) {
            links.values().forEach(Link::end);
            links.values().forEach(Link::close);
            throw e;
        }
    }

    /** Takes who belongs to the training. Returns what is to be said of those refused. */
    private static String admit(Socket socket, Membership self, TreeMap<Integer, Link> links, String refused)
            throws IOException {
        try {
            socket.setSoTimeout(HANDSHAKE_MILLIS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            String protocol = in.readUTF();
            byte[] id = in.readUTF().getBytes(StandardCharsets.UTF_8);
            int rank = in.readInt();
            int worldSize = in.readInt();
            String fault = "";
            if (!protocol.equals(PROTOCOL)) {
                fault = "it is another version of hone";
            } else if (!MessageDigest.isEqual(id, self.runId().getBytes(StandardCharsets.UTF_8))) {
                fault = "it belongs to another run (HONE_RUN_ID)";
            } else if (worldSize != self.worldSize()) {
                fault = "its WORLD_SIZE is " + worldSize + " and that of rank 0 is " + self.worldSize();
            } else if (rank < 1 || rank >= worldSize || links.containsKey(rank)) {
                fault = "there is another rank " + rank;
            }
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeUTF(fault);
            out.flush();
            if (fault.isEmpty()) {
                links.put(rank, new Link(socket, "rank " + rank));
                return refused;
            }
            socket.close();
            return "; one was refused because " + fault;
        } catch (IOException somebodyElse) {
            socket.close();
            return refused;
        }
    }

    /**
     * Connects a worker to rank 0, which may not listen yet.
     *
     * @throws ProcessLost where it does not within {@code patience}
     * @throws UserError where rank 0 refuses this process
     */
    static Link join(Membership self, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return connected(self);
            } catch (IOException e) {
                boolean wait = e instanceof ConnectException || e instanceof SocketTimeoutException;
                if (!wait || System.nanoTime() > deadline) {
                    throw new ProcessLost(
                            "rank 0 is not at " + self.address() + ":" + self.port() + " (" + e.getMessage()
                                    + "); MASTER_ADDR and MASTER_PORT say where it is",
                            e);
                }
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ProcessLost("Interrupted while waiting for rank 0", e);
            }
        }
    }

    private static Link connected(Membership self) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(self.address(), self.port()), HANDSHAKE_MILLIS);
            socket.setSoTimeout(HANDSHAKE_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeUTF(PROTOCOL);
            out.writeUTF(self.runId());
            out.writeInt(self.rank());
            out.writeInt(self.worldSize());
            out.flush();
            String fault = new DataInputStream(socket.getInputStream()).readUTF();
            if (!fault.isEmpty()) {
                socket.close();
                throw new UserError("Rank 0 at " + self.address() + ":" + self.port() + " refused rank " + self.rank()
                        + ": " + fault + "; start all processes of a run with the same environment");
            }
            return new Link(socket, "rank 0");
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
