package io.evenkeel.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * An acceptance scenario: the test takes a {@link Measurements} and leaves a row in the table that {@code verify} prints.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Tag("scenario")
@ExtendWith(Scenario.Resolver.class)
public @interface Scenario {
    /** Its number, e.g. {@code S1}. */
    String value();

    /** Hands out the measurements. */
    class Resolver implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Measurements.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Scenario.class)
                    .map(scenario -> new Measurements(scenario.value(), ScenarioLog::add))
                    .orElseThrow();
        }
    }
}
