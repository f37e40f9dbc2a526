"""Stories: exhibits in an order, with headlines, notes and questions, to be presented and taken."""
