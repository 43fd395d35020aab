package dev.hone.checkpoints;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds a run's directory for one process. The operating system gives the lock back when the process ends, however it
 * ends, so a killed run leaves none behind.
 */
public final class RunLock implements AutoCloseable {

    private static final String FILE = ".lock";

    /**
     * Directories this process holds. Asked first, because closing any second channel on a locked file would drop the
     * process's lock (POSIX).
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private RunLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * Locks a run's directory, which is made if it is missing. Throws {@link CheckpointException} when another process
     * holds it, naming that process and its host, or when it cannot be written.
     */
    public static RunLock acquire(Path runDirectory) {
        try {
            Files.createDirectories(runDirectory);
            Path directory = runDirectory.toRealPath();
            if (!HELD.add(directory)) {
                throw inUse(runDirectory, owner());
            }
            try {
                return new RunLock(directory, lock(runDirectory));
            } catch (IOException | RuntimeException e) {
                HELD.remove(directory);
                throw e;
            }
        } catch (IOException e) {
            throw CheckpointException.writing(runDirectory, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.truncate(0);
            channel.close();
        } catch (IOException e) {
            throw CheckpointException.writing(directory.resolve(FILE), e);
        } finally {
            HELD.remove(directory);
        }
    }

    @SuppressWarnings("resource") // The channel lives as long as the lock.
    private static FileChannel lock(Path runDirectory) throws IOException {
        FileChannel channel = FileChannel.open(
                runDirectory.resolve(FILE),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                ByteBuffer holder = ByteBuffer.allocate(1024);
                channel.read(holder, 0);
                throw inUse(
                        runDirectory, new String(holder.array(), 0, holder.position(), StandardCharsets.UTF_8).strip());
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((owner() + "\n").getBytes(StandardCharsets.UTF_8)), 0);
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static String owner() {
        return "process " + ProcessHandle.current().pid() + " on " + host();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "this host";
        }
    }

    private static CheckpointException inUse(Path runDirectory, String holder) {
        return new CheckpointException(runDirectory + " is in use by " + (holder.isEmpty() ? "another process" : holder)
                + "; wait until it ends, or give this run another directory");
    }
}
