package dev.hone.trainer.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens at an address and answers each request on a thread of its own. */
public final class HttpListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private final HttpServer server;
    private final ExecutorService threads;

    private HttpListener(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Listens at once, until closed.
     *
     * @param address port 0 takes any
     * @param handler of every path; the exchange is closed after it, and that a client left is no fault
     * @param mostRequests answered at once; more wait
     * @throws UserError where the address cannot be had
     */
    public static HttpListener open(InetSocketAddress address, HttpHandler handler, int mostRequests) {
        if (address.isUnresolved()) {
            throw new UserError("There is no address " + address.getHostString() + "; choose another --host");
        }
        try {
            HttpServer server = HttpServer.create(address, 0);
            ExecutorService threads = new ThreadPoolExecutor(
                    0,
                    mostRequests,
                    60,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    new ThreadPoolExecutor.CallerRunsPolicy());
            server.setExecutor(threads);
            server.createContext("/", exchange -> answer(exchange, handler));
            server.start();
            return new HttpListener(server, threads);
        } catch (IOException e) {
            throw new UserError(
                    "Cannot listen at " + address.getHostString() + ":" + address.getPort() + " (" + e.getMessage()
                            + "); choose another --host or --port",
                    e);
        }
    }

    private static void answer(HttpExchange exchange, HttpHandler handler) {
        try (exchange) {
            handler.handle(exchange);
        } catch (IOException e) {
            LOG.debug("A client left", e);
        }
    }

    public boolean isOpen() {
        return !threads.isShutdown();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        server.stop(0);
    }
}
