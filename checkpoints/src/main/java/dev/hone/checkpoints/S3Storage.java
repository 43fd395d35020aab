package dev.hone.checkpoints;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * A bucket of Amazon S3, or of a server that speaks its protocol. Credentials, region and endpoint are those of AWS's own
 * tools: {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY}, {@code AWS_REGION}, {@code AWS_ENDPOINT_URL}, profiles,
 * the machine's role.
 */
public final class S3Storage implements ObjectStorage {

    /** Files beyond this go in parts; one part may have 5 GiB, and a file 10,000 parts. */
    private static final long PART = 512L << 20;

    private final URI url;
    private final String bucket;
    private final String prefix;
    private final S3Client client;
    private final long part;

    private S3Storage(URI url, S3Client client, long part) {
        this.url = url;
        this.bucket = url.getHost();
        String path = url.getPath() == null ? "" : url.getPath().replaceAll("^/+|/+$", "");
        this.prefix = path.isEmpty() ? "" : path + "/";
        this.client = client;
        this.part = part;
    }

    /** Opens {@code s3://bucket/prefix}. Throws {@link CheckpointException} where it is no such address. */
    public static S3Storage open(String address) {
        return open(address, PART);
    }

    /**
     * {@link #open(String)} with parts of another size.
     *
     * @param part bytes; Amazon takes 5 MiB to 5 GiB
     */
    public static S3Storage open(String address, long part) {
        URI url;
        try {
            url = URI.create(address);
        } catch (IllegalArgumentException e) {
            throw notAnAddress(address);
        }
        if (!"s3".equals(url.getScheme()) || url.getHost() == null) {
            throw notAnAddress(address);
        }
        boolean elsewhere =
                isSet("AWS_ENDPOINT_URL", "aws.endpointUrl") || isSet("AWS_ENDPOINT_URL_S3", "aws.endpointUrlS3");
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                // Our manifests hold SHA-256 sums; other servers do not know the trailing checksums that are the
                // default.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .forcePathStyle(elsewhere);
        if (elsewhere && !isSet("AWS_REGION", "aws.region")) {
            builder.region(Region.US_EAST_1);
        }
        try {
            return new S3Storage(url, builder.build(), part);
        } catch (SdkException e) {
            throw unusable(url, e);
        }
    }

    /** By the environment, or by the system property that AWS's client takes for it. */
    private static boolean isSet(String variable, String property) {
        String value = System.getProperty(property, System.getenv(variable));
        return value != null && !value.isBlank();
    }

    private static CheckpointException notAnAddress(String address) {
        return new CheckpointException("\"" + address
                + "\" is no place to store checkpoints; expected an address such as s3://bucket/runs/first");
    }

    @Override
    public String name() {
        return url.toString();
    }

    @Override
    public List<Stored> list(String keyPrefix) {
        return asked(() -> {
            List<Stored> stored = new ArrayList<>();
            client.listObjectsV2Paginator(request -> request.bucket(bucket).prefix(prefix + keyPrefix))
                    .contents()
                    .forEach(object -> stored.add(new Stored(object.key().substring(prefix.length()), object.size())));
            return stored;
        });
    }

    @Override
    public void put(String key, Path file) {
        asked(() -> {
            long bytes = size(file);
            if (bytes <= part) {
                return client.putObject(request -> request.bucket(bucket).key(prefix + key), body(file, 0, bytes));
            }
            return putInParts(key, file, bytes);
        });
    }

    private Object putInParts(String key, Path file, long bytes) {
        String upload = client.createMultipartUpload(
                        request -> request.bucket(bucket).key(prefix + key))
                .uploadId();
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long begin = 0; begin < bytes; begin += part) {
                int number = parts.size() + 1;
                RequestBody body = body(file, begin, Math.min(part, bytes - begin));
                String tag = client.uploadPart(
                                request -> request.bucket(bucket)
                                        .key(prefix + key)
                                        .uploadId(upload)
                                        .partNumber(number),
                                body)
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            }
            return client.completeMultipartUpload(request ->
                    request.bucket(bucket).key(prefix + key).uploadId(upload).multipartUpload(all -> all.parts(parts)));
        } catch (RuntimeException e) {
            try {
                client.abortMultipartUpload(
                        request -> request.bucket(bucket).key(prefix + key).uploadId(upload));
            } catch (SdkException leftOver) {
                e.addSuppressed(leftOver);
            }
            throw e;
        }
    }

    /** A stretch of a file, which can be read again where the request is tried again. */
    private static RequestBody body(Path file, long begin, long bytes) {
        return RequestBody.fromContentProvider(() -> stretch(file, begin), bytes, "application/octet-stream");
    }

    @SuppressWarnings("resource") // The client closes the stream.
    private static InputStream stretch(Path file, long begin) {
        try {
            return Channels.newInputStream(
                    FileChannel.open(file, StandardOpenOption.READ).position(begin));
        } catch (IOException e) {
            throw CheckpointException.reading(file, e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw CheckpointException.reading(file, e);
        }
    }

    @Override
    public void get(String key, Path to) {
        asked(() -> {
            try (InputStream from =
                    client.getObject(request -> request.bucket(bucket).key(prefix + key))) {
                Files.createDirectories(to.toAbsolutePath().getParent());
                return Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw CheckpointException.writing(to, e);
            }
        });
    }

    @Override
    public void delete(String key) {
        asked(() -> client.deleteObject(request -> request.bucket(bucket).key(prefix + key)));
    }

    private <T> T asked(Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException | UncheckedIOException e) {
            throw unusable(url, e);
        }
    }

    private static CheckpointException unusable(URI url, RuntimeException cause) {
        String said = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        // Else the names of all the classes that were asked for one.
        String reason = said.startsWith("Unable to load region") ? "no region; set AWS_REGION" : said;
        return new CheckpointException("Cannot use " + url + " (" + reason
                + "); check the bucket's name, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or the profile, and"
                + " AWS_ENDPOINT_URL for a server that is not Amazon's");
    }

    @Override
    public void close() {
        client.close();
    }
}
