package io.evenkeel.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** What a test, or every test of a class, needs of the machine. See {@link Capability}. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Check.class)
public @interface Needs {
    Capability[] value();

    /** Looks before each test. */
    class Check implements BeforeEachCallback {
        @Override
        public void beforeEach(ExtensionContext context) {
            AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Needs.class)
                    .ifPresent(needs -> Capability.require(needs.value()));
            AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Needs.class)
                    .ifPresent(needs -> Capability.require(needs.value()));
        }
    }
}
