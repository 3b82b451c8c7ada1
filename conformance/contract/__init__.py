"""What is promised, as data: contracts, requirements, schemas and the boundary cases out of them."""
