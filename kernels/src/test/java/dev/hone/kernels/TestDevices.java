package dev.hone.kernels;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * The devices that tests run on: cpu and nd4j; or cuda alone where the system property {@code hone.cuda.library} names the
 * emulated one.
 */
final class TestDevices implements ArgumentsProvider {

    @Override
    public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        return System.getProperty("hone.cuda.library") == null
                ? Stream.of(Arguments.of("cpu"), Arguments.of("nd4j"))
                : Stream.of(Arguments.of("cuda"));
    }
}
