"""Operations on service requests."""
